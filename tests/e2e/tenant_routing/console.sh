# What the article does in its CDK app and in the console, as commands: user pool, functions, load balancer, rules.
# https://blog.serverworks.co.jp/alb-jwt-tenant-routing
# In: ARCHIVE, RUNTIME. Out: the ids, on the last line.
set -eu

USER_POOL_ID=$(aws cognito-idp create-user-pool --pool-name tenants --query UserPool.Id --output text)
CLIENT_ID=$(aws cognito-idp create-user-pool-client --user-pool-id $USER_POOL_ID --client-name spa \
  --explicit-auth-flows ALLOW_USER_PASSWORD_AUTH ALLOW_USER_SRP_AUTH ALLOW_REFRESH_TOKEN_AUTH \
  --query UserPoolClient.ClientId --output text)
ISSUER=https://cognito-idp.$AWS_DEFAULT_REGION.amazonaws.com/$USER_POOL_ID

LOAD_BALANCER=$(aws elbv2 create-load-balancer --name tenants --subnets subnet-0a1b2c3d subnet-1a2b3c4d \
  --query 'LoadBalancers[0].LoadBalancerArn' --output text)
LISTENER=$(aws elbv2 create-listener --load-balancer-arn $LOAD_BALANCER --protocol HTTPS --port 443 \
  --certificates CertificateArn=arn:aws:acm:$AWS_DEFAULT_REGION:123456789012:certificate/12345678-1234-1234-1234-123456789012 \
  --default-actions 'Type=fixed-response,FixedResponseConfig={StatusCode=403,ContentType=text/plain,MessageBody=Forbidden}' \
  --query 'Listeners[0].ListenerArn' --output text)

make_tenant() { # name, priority of its rule
  aws cognito-idp create-group --user-pool-id $USER_POOL_ID --group-name $1
  local function=$(aws lambda create-function --function-name $1 --runtime $RUNTIME --handler index.handler \
    --role arn:aws:iam::123456789012:role/tenant --zip-file fileb://$ARCHIVE --environment "Variables={TENANT_ID=$1}" \
    --query FunctionArn --output text)
  local group=$(aws elbv2 create-target-group --name $1 --target-type lambda \
    --query 'TargetGroups[0].TargetGroupArn' --output text)
  aws lambda add-permission --function-name $1 --statement-id load-balancer --action lambda:InvokeFunction \
    --principal elasticloadbalancing.amazonaws.com --source-arn $group
  aws elbv2 register-targets --target-group-arn $group --targets Id=$function
  aws elbv2 create-rule --listener-arn $LISTENER --priority $2 \
    --conditions "Field=path-pattern,PathPatternConfig={Values=[/$1/*]}" \
    --actions '[{"Type": "jwt-validation", "Order": 1, "JwtValidationConfig": {"Issuer": "'$ISSUER'",
        "JwksEndpoint": "'$ISSUER'/.well-known/jwks.json", "AdditionalClaims": [
          {"Format": "string-array", "Name": "cognito:groups", "Values": ["'$1'"]}]}},
      {"Type": "forward", "Order": 2, "TargetGroupArn": "'$group'"}]' \
    --transforms "Type=url-rewrite,UrlRewriteConfig={Rewrites=[{Regex=^/$1/(.*)\$,Replace=/\$1}]}"
}
make_tenant tenant-A 10
make_tenant tenant-B 20

echo $USER_POOL_ID $CLIENT_ID
