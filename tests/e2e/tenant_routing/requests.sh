# The article's commands, to the letter; CLIENT_ID is given, and ALB in the place of the load balancer's URL.
set -eu

curl -k $ALB/tenant-A/

ACCESS_TOKEN=$(aws cognito-idp initiate-auth \
  --auth-flow USER_PASSWORD_AUTH \
  --client-id $CLIENT_ID \
  --auth-parameters USERNAME=userA,PASSWORD=YourPassword123! \
  --query 'AuthenticationResult.AccessToken' \
  --output text)

curl -k -H "Authorization: Bearer $ACCESS_TOKEN" \
  $ALB/tenant-A/

ACCESS_TOKEN=$(aws cognito-idp initiate-auth \
  --auth-flow USER_PASSWORD_AUTH \
  --client-id $CLIENT_ID \
  --auth-parameters USERNAME=userB,PASSWORD=YourPassword123! \
  --query 'AuthenticationResult.AccessToken' \
  --output text)

curl -k -H "Authorization: Bearer $ACCESS_TOKEN" \
  $ALB/tenant-B/

ACCESS_TOKEN=$(aws cognito-idp initiate-auth \
  --auth-flow USER_PASSWORD_AUTH \
  --client-id $CLIENT_ID \
  --auth-parameters USERNAME=userB,PASSWORD=YourPassword123! \
  --query 'AuthenticationResult.AccessToken' \
  --output text)

curl -k -H "Authorization: Bearer $ACCESS_TOKEN" \
  $ALB/tenant-A/
