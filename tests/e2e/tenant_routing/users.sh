# The article's commands, to the letter; USER_POOL_ID is given.
set -eu

# userA作成
aws cognito-idp admin-create-user \
  --user-pool-id $USER_POOL_ID \
  --username userA \
  --user-attributes Name=email,Value=userA@example.com Name=email_verified,Value=true \
  --message-action SUPPRESS

# userAをtenant-Aグループに追加
aws cognito-idp admin-add-user-to-group \
  --user-pool-id $USER_POOL_ID \
  --username userA \
  --group-name tenant-A

# userAのパスワード設定
aws cognito-idp admin-set-user-password \
  --user-pool-id $USER_POOL_ID \
  --username userA \
  --password 'YourPassword123!' \
  --permanent

# userB作成
aws cognito-idp admin-create-user \
  --user-pool-id $USER_POOL_ID \
  --username userB \
  --user-attributes Name=email,Value=userB@example.com Name=email_verified,Value=true \
  --message-action SUPPRESS

# userBをtenant-Bグループに追加
aws cognito-idp admin-add-user-to-group \
  --user-pool-id $USER_POOL_ID \
  --username userB \
  --group-name tenant-B

# userBのパスワード設定
aws cognito-idp admin-set-user-password \
  --user-pool-id $USER_POOL_ID \
  --username userB \
  --password 'YourPassword123!' \
  --permanent
